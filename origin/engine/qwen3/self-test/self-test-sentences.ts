import type { Language } from "../../../../shared/languages.ts";
import type { TalkerConfig } from "../../../model/checkpoint/model-config.ts";

export interface Sentence {
  language: Language;
  text: string;
}

/** In the order in which they are taken; of different lengths. */
const candidates: readonly Sentence[] = [
  { language: "english", text: "The ferry leaves at noon, and we still have to pack." },
  { language: "chinese", text: "今天天气很好，我们一起去公园散步吧。" },
  {
    language: "german",
    text: "Heute Morgen lag Nebel über dem Fluss, aber jetzt scheint überall die Sonne, und niemand will nach Hause.",
  },
  { language: "japanese", text: "駅の前で友達を待っています。" },
  { language: "spanish", text: "La biblioteca abre a las nueve y cierra tarde." },
  { language: "french", text: "Le marché est ouvert tous les samedis matin." },
  { language: "italian", text: "Domani partiamo presto per la montagna." },
  { language: "portuguese", text: "O café fica pronto em cinco minutos." },
  { language: "russian", text: "Вечером мы встретимся у старого моста." },
  { language: "korean", text: "내일 아침에 시장에서 만나요." },
];

const sentenceCount = 5;

/** Five sentences in languages that the model has. */
export function selfTestSentences({ codec_language_id: ids }: TalkerConfig): Sentence[] {
  return candidates.filter(({ language }) => language in ids).slice(0, sentenceCount);
}
