import fc from "fast-check";
import { expect, it } from "vitest";
import { sourceRange, unchanged } from "../../../origin/text/mapped-text.ts";
import { maxGrowth, normalize } from "../../../origin/text/normalization/normalize.ts";
import { type SayAs, sayAs } from "../../../origin/text/normalization/say-as.ts";
import { type Language, languages } from "../../../shared/languages.ts";

const spoken = (text: string, language: Language) => normalize(unchanged(text), language).text;

it.each<[Language, string, string]>([
  // Numbers.
  [
    "english",
    "3 cats and 1,234.05 more",
    "three cats and one thousand two hundred thirty-four point zero five more",
  ],
  [
    "german",
    "3 Katzen, 1.234,5 mal",
    "drei Katzen, eintausendzweihundertvierunddreißig Komma fünf mal",
  ],
  ["french", "1 234,14 fois", "mille deux cent trente-quatre virgule quatorze fois"],
  ["italian", "12,05 volte", "dodici virgola zero cinque volte"],
  ["spanish", "12,05 veces", "doce coma cero cinco veces"],
  ["portuguese", "25 livros", "vinte e cinco livros"],
  ["russian", "5,5 раз", "пять запятая пять раз"],
  ["chinese", "我有3个苹果，第12章", "我有三个苹果，第十二章"],
  ["japanese", "3個と12.5", "三個と十二点五"],
  ["korean", "가격은 12000입니다", "가격은 만 이천입니다"],
  [
    "english",
    "It was -5 in 1984, 1905 and 2026.",
    "It was minus five in nineteen eighty-four, nineteen oh five and two thousand twenty-six.",
  ],
  ["german", "Seit 1984", "Seit neunzehnhundertvierundachtzig"],
  // Ordinals.
  ["english", "the 3rd, 11th and 21st", "the third, eleventh and twenty-first"],
  ["french", "le 1er et la 2e", "le premier et la deuxième"],
  ["spanish", "el 3.º y la 2ª", "el tercero y la segunda"],
  ["italian", "il 3º", "il terzo"],
  ["portuguese", "a 2ª", "a segunda"],
  ["russian", "3-й и 2-го", "третий и второго"],
  // Dates.
  [
    "english",
    "On 2026-03-04, 25/12/2026, March 4, 2026 and 4 March",
    "On March fourth, two thousand twenty-six, December twenty-fifth, two thousand twenty-six, March fourth, two thousand twenty-six and March fourth",
  ],
  [
    "german",
    "am 4. März 2026, der 4.3.2026",
    "am vierten März zweitausendsechsundzwanzig, der vierter März zweitausendsechsundzwanzig",
  ],
  [
    "french",
    "le 1er mars 2026, le 4/3/2026",
    "le premier mars deux mille vingt-six, le quatre mars deux mille vingt-six",
  ],
  ["italian", "il 4 marzo 2026", "il quattro marzo duemilaventisei"],
  ["spanish", "el 4 de marzo de 2026", "el cuatro de marzo de dos mil veintiséis"],
  ["portuguese", "em 4 de março de 2026", "em quatro de março de dois mil e vinte e seis"],
  ["russian", "4 марта 2026 г.", "четвёртого марта две тысячи двадцать шестого года"],
  ["chinese", "2026年3月4号", "二零二六年三月四号"],
  ["japanese", "2026年3月4日", "二千二十六年三月四日"],
  ["korean", "2026년 6월 4일", "이천이십육년 유월 사일"],
  // Times.
  ["english", "at 14:30, 2:05 pm, 09:00", "at fourteen thirty, two oh five p m, nine o'clock"],
  ["german", "um 14:30 Uhr, 1:00 Uhr", "um vierzehn Uhr dreißig, ein Uhr"],
  ["french", "à 21:01", "à vingt et une heures une"],
  ["italian", "alle 14:30", "alle quattordici e trenta"],
  ["spanish", "a las 2:30", "a las dos y treinta"],
  ["portuguese", "às 2:30", "às duas e trinta"],
  ["russian", "в 14:05", "в четырнадцать ноль пять"],
  ["chinese", "上午9:05", "上午九点零五分"],
  ["japanese", "午後2:30", "午後二時三十分"],
  ["korean", "오후 2:30", "오후 두 시 삼십 분"],
  // Money.
  [
    "english",
    "$5.20, $1, £3.01, 5 USD",
    "five dollars and twenty cents, one dollar, three pounds and one penny, five US dollars",
  ],
  ["german", "1 €, 5,20 €", "ein Euro, fünf Euro zwanzig"],
  ["french", "21 £", "vingt et une livres sterling"],
  ["italian", "1 €, 5,20 €", "un euro, cinque euro e venti"],
  ["spanish", "21 €, 5,20 €", "veintiún euros, cinco euros con veinte"],
  ["portuguese", "R$ 2", "dois reais"],
  ["russian", "2 ₽, 5 ₽, 1,5 $", "два рубля, пять рублей, один запятая пять доллара"],
  ["chinese", "¥5.2", "五点二元"],
  ["japanese", "¥500", "五百円"],
  ["korean", "$5", "오 달러"],
  // Units.
  [
    "english",
    "5km, 1 kg, 20 °C, 50%, 10GB, 90 km/h",
    "five kilometers, one kilogram, twenty degrees Celsius, fifty percent, ten gigabytes, ninety kilometers per hour",
  ],
  [
    "german",
    "1 km, 1 ms, 99,9 %",
    "ein Kilometer, eine Millisekunde, neunundneunzig Komma neun Prozent",
  ],
  ["french", "21 %", "vingt et un pour cent"],
  ["italian", "1 km", "un chilometro"],
  ["spanish", "21 km", "veintiún kilómetros"],
  ["portuguese", "2 km", "dois quilômetros"],
  [
    "russian",
    "1 км, 2 км, 5 км, 2 ms",
    "один километр, два километра, пять километров, две миллисекунды",
  ],
  ["chinese", "50%，2 km，90 km/h", "百分之五十，两公里，每小时九十公里"],
  ["japanese", "50%、20 °C", "五十パーセント、摂氏二十度"],
  ["korean", "50%, 5 km", "오십 퍼센트, 오 킬로미터"],
  ["japanese", "これは50%で5kmです", "これは五十パーセントで五キロメートルです"],
  ["korean", "5€입니다", "오 유로입니다"],
  // Ranges.
  [
    "english",
    "10–20 km, pages 9–20, 1939–1945",
    "ten to twenty kilometers, pages nine to twenty, nineteen thirty-nine to nineteen forty-five",
  ],
  ["german", "10–20 %", "zehn bis zwanzig Prozent"],
  ["chinese", "10–20", "十到二十"],
  // Addresses and telephones.
  [
    "english",
    "See https://www.example.com/a-b/?q=12 now.",
    "See example dot com slash a dash b slash question mark q equals twelve now.",
  ],
  ["german", "anna.b@example.de", "anna Punkt b at example Punkt de"],
  ["russian", "a@b.ru", "a собака b точка ru"],
  ["japanese", "a@b.jp", "a アットマーク b ドット jp"],
  [
    "english",
    "Call +49 30 1234567.",
    "Call plus four nine, three zero, one two three four five six seven.",
  ],
  // Roman numerals and abbreviations.
  [
    "english",
    "Louis XIV, Chapter IV, World War II",
    "Louis the fourteenth, Chapter four, World War two",
  ],
  ["german", "Ludwig XIV.", "Ludwig der Vierzehnte."],
  ["french", "Louis XIV, chapitre IV", "Louis quatorze, chapitre quatre"],
  ["spanish", "siglo XIX, Felipe II", "siglo diecinueve, Felipe segundo"],
  ["russian", "Александр II", "Александр второй"],
  [
    "english",
    "Dr. Smith, e.g. No. 5, etc. And",
    "Doctor Smith, for example number five, et cetera. And",
  ],
  ["german", "z. B. Nr. 5 usw.", "zum Beispiel Nummer fünf und so weiter."],
  ["french", "M. Dupont", "Monsieur Dupont"],
  ["russian", "т. е. № 5", "то есть номер пять"],
  // Emoji.
  ["english", "Great! 🎉🎉👍🏽 Go on ❤️", "Great! party popper, thumbs up, Go on red heart"],
  ["german", "Toll🎉", "Toll Konfettibombe"],
  ["chinese", "好🎉", "好 拉炮彩带"],
])("says in %s: %s", (language, text, words) => {
  expect(spoken(text, language)).toBe(words);
});

it.each([
  "v1.2.3, 1.2.3.4, 192.168.0.1",
  "A4, B2B, R2D2, GPT-4o, H2O, C6H12O6, MP3, 4K, 5G",
  "file2.txt, report-2026-03-04.pdf, `x = 5 + 2`",
  "007, 0049, 555-1234, 030 1234567, 4111 1111 1111 1111, 12345678901234567890",
  "2:1, 2–1, 2-1, 10-12, 3:10, 3/4, 2x4, 5+5, x=5, #5, @5, 1e5",
  "2026-02-30, 31.2.2026, 2026-3-4x",
  "XIV, I V, $5m, $5 million, 3%%, 1.2.3, (c)2, ©",
  "3 x 4 = 12, 5' 10, 10%–20%, Python 3.12, USB 3.0, 13800138000, 5551234567",
  "Node.js, example@, @user, a@b, http://",
  "🎉👍❤️🔥😀😂🙏🚀💯",
])("leaves what it does not understand: %s", (text) => {
  for (const language of languages) expect(spoken(text, language)).toBe(text);
});

it("leaves an English date with slashes that two months could have", () => {
  expect(spoken("03/04/2026", "english")).toBe("03/04/2026");
});

it.each<[Language, string]>([
  ["german", "1 Katze und 101 Nacht"],
  ["french", "21 pommes"],
  ["italian", "1 casa"],
  ["spanish", "21 casas y 200 personas, 1.234"],
  ["portuguese", "2 vezes"],
  ["russian", "2 книги, 10–20"],
  ["korean", "3개, 5 명"],
  ["german", "das 3. Kapitel, 2.Teil"],
  ["french", "à 20 h 30"],
  ["chinese", "2个人"],
  ["russian", "около 5 км, до 10, от 5 $"],
])("leaves a number in %s whose form the noun decides: %s", (language, text) => {
  expect(spoken(text, language)).toBe(text);
});

it("says only what nothing reads well where nothing else is asked for", () => {
  const text = unchanged("5 km 🎉 to a@b.com");
  expect(normalize(text, "english", { scope: "unspeakable" }).text).toBe(
    "5 km party popper, to a at b dot com",
  );
});

it("knows which signs its words stand for", () => {
  const mapped = normalize(unchanged("I ran 5 km today"), "english");
  const at = mapped.text.indexOf("kilometers");
  expect(sourceRange(mapped, at, at + 3)).toEqual({ start: 6, end: 10 });
});

const fragments = fc.oneof(
  fc.constantFrom(
    ..."5 12 1984 0 007 1,234.5 3.14 , . : - – / % $ € £ ° km kg °C @ a@b.com www.a.com/b?c=1 🎉 👍 1️⃣ 14:30 at pm 4. März 2026 2026-03-04 年 月 日 3月4日 XIV Louis Chapter e.g. Dr. No. 1st 2ª º etc. z. B. +49 ` ( ) x".split(
      " ",
    ),
    " ",
    "\n",
  ),
  fc.string({ unit: "grapheme", maxLength: 3 }),
);
const texts = fc.array(fragments, { maxLength: 24 }).map((parts) => parts.join(""));

it("changes nothing more when it is done again, and grows within its bound", () => {
  fc.assert(
    fc.property(texts, fc.constantFrom(...languages), (text, language) => {
      const once = normalize(unchanged(text), language);
      expect(normalize(once, language).text).toBe(once.text);
      expect(once.text.length).toBeLessThanOrEqual(maxGrowth * text.length);
      expect(once.spans.at(-1)?.end ?? 0).toBe(once.text.length);
    }),
    { numRuns: 3000 },
  );
});

it.each([
  "777 ",
  "7%",
  "$7 ",
  "🇬🇸a",
  "🇬🇸",
  "9999999999999999 ",
  "7777777 ",
  "1/1 ",
  "7 °C ",
  "№7 ",
  "1 GB ",
])("bounds what 4,096 characters of %j become", (part) => {
  const text = part.repeat(4096 / part.length);
  for (const language of languages) {
    expect(spoken(text, language).length).toBeLessThanOrEqual(maxGrowth * text.length);
  }
});

it.each([
  "9",
  "@",
  " ",
  ".",
  "a@",
  "1,",
  "1.",
  "9 ",
  "-",
  "a.",
  "www.",
  "I",
  "🎉",
  "`",
  "/",
  "+1",
  "+1 ",
  "1:",
  "年",
])(
  "reads a megabyte of %j in time that is linear in it",
  (part) => {
    const half = unchanged(part.repeat(2 ** 19 / part.length));
    for (const language of ["english", "russian", "japanese"] as const) normalize(half, language);
  },
  120_000,
);

it.each<[string, SayAs, Language, string | null]>([
  ["12", { interpretAs: "cardinal" }, "english", "twelve"],
  ["3", { interpretAs: "ordinal" }, "german", "dritte"],
  ["007", { interpretAs: "digits" }, "english", "zero zero seven"],
  ["A4", { interpretAs: "characters" }, "english", "A, four"],
  [
    "03/04/2026",
    { interpretAs: "date", format: "dmy" },
    "english",
    "April third, two thousand twenty-six",
  ],
  ["03/04/2026", { interpretAs: "date" }, "english", "March fourth, two thousand twenty-six"],
  ["3:10", { interpretAs: "time" }, "english", "three ten"],
  ["030 123", { interpretAs: "telephone" }, "german", "null drei null, eins zwei drei"],
  ["$5", { interpretAs: "currency" }, "english", "five dollars"],
  ["5 km", { interpretAs: "unit" }, "french", "cinq kilomètres"],
  ["five", { interpretAs: "cardinal" }, "english", null],
  ["31/02/2026", { interpretAs: "date" }, "french", null],
])("says %s as %j in %s", (text, as, language, words) => {
  expect(sayAs(text, as, language)).toBe(words);
});
