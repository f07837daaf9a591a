import { expect, it } from "vitest";
import { guessLanguage } from "../../../origin/text/detect-language.ts";
import type { Language } from "../../../shared/languages.ts";

const texts: Partial<Record<Language, readonly string[]>> = {
  english: [
    ...["Hello", "Hello, world!", "How are you?", "Good morning", "Thank you", "Yes, please."],
    ...["The quick brown fox jumps over the lazy dog.", "What time is it?", "Turn off the light"],
    ...[
      "Testing, one, two, three.",
      "Welcome back!",
      "See you tomorrow",
      "It is raining.",
      "Open the door",
    ],
    ...[
      "This is a test.",
      "Your order has been shipped.",
      "Stop!",
      "Play the next song",
      "I am sorry.",
    ],
  ],
  french: [
    ...["Bonjour tout le monde", "Comment ça va ?", "Il fait beau aujourd'hui.", "Merci beaucoup"],
    ...["Bonsoir", "Où est la gare ?", "Je ne sais pas.", "C'est très bien.", "Oui, bien sûr."],
    ...["L'eau est froide.", "Il a dit 你好 au chat.", "Ouvrir la porte"],
  ],
  german: [
    ...["Guten Morgen", "Wie geht es dir?", "Das Wetter ist heute schön.", "Danke", "Ja, bitte."],
    ...["Wo ist der Bahnhof?", "Ich weiß nicht.", "Hallo Welt", "Gute Nacht", "Es ist kalt."],
  ],
  spanish: [
    ...["Hola", "Buenos días", "¿Dónde está la estación?", "Muchas gracias por su ayuda."],
    ...["¿Qué hora es?", "Buenas noches", "No sé.", "El niño come una manzana.", "Muy bien"],
  ],
  italian: [
    ...[
      "Ciao",
      "Ciao a tutti",
      "Dov'è la stazione?",
      "Grazie mille",
      "Buongiorno",
      "Che ore sono?",
    ],
    ...["Non lo so.", "Buona notte", "Va tutto molto bene."],
  ],
  portuguese: [
    ...["Bom dia a todos", "Onde fica a estação?", "Muito obrigado", "Olá", "Que horas são?"],
    ...["Não sei.", "Boa noite", "Você está bem?", "O gato dorme no sofá.", "Obrigada"],
  ],
  russian: ["Привет, как дела?", "Спасибо", "Да"],
  chinese: ["你好，世界", "我喜欢 TypeScript 这门语言。", "谢谢"],
  japanese: ["今日は東京へ行きます。", "カタカナ", "ありがとう"],
  korean: ["안녕하세요", "감사합니다"],
};

it.each(Object.entries(texts).flatMap(([language, all]) => all.map((text) => [text, language])))(
  "takes %j for %s",
  (text, language) => {
    expect(guessLanguage(text)).toBe(language);
  },
);

it.each([
  ...["", "12345", "2026-11-28", "😀 ?!", "xyzzy", "3.14", "10:30", "π"],
  ...[
    "Camera on",
    "Wi-Fi password",
    "Sophia Martinez",
    "Berlin",
    "USB-C",
    "Bluetooth",
    "OK",
    "iPhone 17 Pro",
  ],
])("is not sure of %j", (text) => {
  expect(guessLanguage(text)).toBeUndefined();
});

it("tells long texts by their letters where no common word does", () => {
  const text = "Ampliamente conocidas regiones montañosas ofrecen paisajes espectaculares";
  expect(guessLanguage(text)).toBe("spanish");
});
