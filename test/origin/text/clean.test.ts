import { expect, it } from "vitest";
import { cleanText, isAudible } from "../../../origin/text/clean.ts";
import { unchanged } from "../../../origin/text/mapped-text.ts";
import { isBlank } from "../../../shared/text-rules.ts";

it.each([
  ["plain text", "Hello, world!\nHow are you?", "Hello, world!\nHow are you?"],
  ["a form feed between pages", "the end of\u000cthe page", "the end of\nthe page"],
  ["a form feed after a line", "the end of\n\u000cthe page", "the end of\nthe page"],
  ["a form feed after a paragraph", "The end.\n\n\u000cA page", "The end.\n\nA page"],
  ["a vertical tab, Word's line break", "one\u000btwo", "one\ntwo"],
  ["other controls", "a\u0000b\u0007c\u001fd\u007fe", "a b c d e"],
  ["tabs and spaces of all widths", "a\tb\u00a0c\u202fd\u3000e", "a b c d e"],
  ["line breaks of all systems", "a\r\nb\rc\u0085d\u2028e\u2029f", "a\nb\nc\nd\ne\n\nf"],
  ["quotes of Windows-1252", "don\u0092t say \u0093no\u0094 \u0096 ever", "don’t say “no” – ever"],
  ["a C1 control that is nothing there", "a\u0081b", "a b"],
  ["U+200B and its kind", "a\u200bb\u2060c\ufeffd\u200ee", "abcde"],
  ["marks of direction", "\u202ehello\u202c \u2067you\u2069", "hello you"],
  ["a soft hyphen", "Donau\u00addampf\u00adschiff", "Donaudampfschiff"],
  ["a soft hyphen at the end of a line", "exam\u00ad\nple", "example"],
  ["ligatures", "the ﬁrst ﬂoor, an eﬃcient oﬀer", "the first floor, an efficient offer"],
  ["full-width letters and digits", "ＡＢＣ１２３", "ABC123"],
  ["half-width kana", "ｶﾞｷﾞｸﾞ", "ガギグ"],
  ["letters of mathematics", "𝐇𝐞𝐥𝐥𝐨", "Hello"],
  ["the bullet of Symbol and other private characters", "\uf0b7 one \ue001 two", "• one   two"],
  ["joined emoji", "👩\u200d👧 and 🏳️\u200d🌈", "👩\u200d👧 and 🏳️\u200d🌈"],
  ["joiners between letters", "a\u200db\u200cc", "abc"],
])("cleans %s", (_, text, cleaned) => {
  expect(cleanText(unchanged(text)).text).toBe(cleaned);
});

it("takes no longer for the worst texts than for others", () => {
  const worst = ["\u000c", " ", "\u200d", "\n", "ﬃ", "\u00ad\n", "a\u200d"];
  const started = performance.now();
  for (const text of worst) cleanText(unchanged(text.repeat(4096)));
  expect((performance.now() - started) / worst.length).toBeLessThan(200);
});

it.each(["", " \n", "\u000c\u0000", "\u200b", "\ufeff \u2060", "\u00ad"])("%j is blank", (text) => {
  expect(isBlank(text)).toBe(true);
});

it.each(["...", "…", "—", "-", "。", "、", "?!", "(  )", "“”", "¿?", "<>", "●", "|"])(
  "there is nothing to hear in %j, which is not blank",
  (text) => {
    expect(isAudible(cleanText(unchanged(text)).text)).toBe(false);
    expect(isBlank(text)).toBe(false);
  },
);

it.each(["a", "7", "...a", "😀", "%", "#", "+", "=", "€", "&", "@", "あ", "ﬁ", "½", "→"])(
  "there is something to hear in %j",
  (text) => {
    expect(isAudible(cleanText(unchanged(text)).text)).toBe(true);
  },
);
