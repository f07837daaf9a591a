import type { Language } from "../../shared/languages.ts";

/** What whoever is to be cloned reads aloud. */
export const consentSentences: Readonly<Record<Language, string>> = {
  chinese: "我是这个声音的主人，我同意用它来制作并使用合成语音模型。",
  english:
    "I am the owner of this voice and I consent to a synthetic voice model being made of it and used.",
  german:
    "Ich bin der Eigentümer dieser Stimme und bin damit einverstanden, dass aus ihr ein synthetisches Stimmmodell erstellt und verwendet wird.",
  italian:
    "Sono il proprietario di questa voce e acconsento che ne venga creato e utilizzato un modello di voce sintetica.",
  portuguese:
    "Eu sou o proprietário desta voz e autorizo que dela seja criado e usado um modelo de voz sintética.",
  spanish:
    "Soy el propietario de esta voz y doy mi consentimiento para que se cree y se utilice un modelo de voz sintética a partir de ella.",
  japanese:
    "私はこの声の所有者であり、この声から合成音声モデルが作成され、使用されることに同意します。",
  korean:
    "나는 이 음성의 소유자이며, 이 음성으로 합성 음성 모델을 만들고 사용하는 것에 동의합니다.",
  french:
    "Je suis le propriétaire de cette voix et j’accepte qu’un modèle de voix synthétique en soit créé et utilisé.",
  russian:
    "Я являюсь владельцем этого голоса и даю согласие на создание и использование синтетической модели на его основе.",
};
