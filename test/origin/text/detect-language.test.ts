import { expect, it } from "vitest";
import { detectLanguage } from "../../../origin/text/detect-language.ts";

it.each([
  ["Hello", "english"],
  ["Hello, world!", "english"],
  ["How are you?", "english"],
  ["The quick brown fox jumps over the lazy dog.", "english"],
  ["Bonjour tout le monde", "french"],
  ["Comment ça va ?", "french"],
  ["Il fait beau aujourd'hui.", "french"],
  ["Guten Morgen", "german"],
  ["Wie geht es dir?", "german"],
  ["Das Wetter ist heute schön.", "german"],
  ["Buenos días", "spanish"],
  ["¿Dónde está la estación?", "spanish"],
  ["Muchas gracias por su ayuda.", "spanish"],
  ["Ciao a tutti", "italian"],
  ["Dov'è la stazione?", "italian"],
  ["Grazie mille", "italian"],
  ["Bom dia a todos", "portuguese"],
  ["Onde fica a estação?", "portuguese"],
  ["Muito obrigado", "portuguese"],
  ["Привет, как дела?", "russian"],
  ["你好，世界", "chinese"],
  ["我喜欢 TypeScript 这门语言。", "chinese"],
  ["今日は東京へ行きます。", "japanese"],
  ["カタカナ", "japanese"],
  ["안녕하세요", "korean"],
  ["Il a dit 你好 au chat.", "french"],
])("takes %j for %s", (text, language) => {
  expect(detectLanguage(text)).toBe(language);
});

it.each(["", "12345", "😀 ?!", "xyzzy", "ไทย"])(
  "takes what is unclear, %j, for English",
  (text) => {
    expect(detectLanguage(text)).toBe("english");
  },
);
