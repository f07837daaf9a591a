import type { Language } from "./languages.ts";

/** What the preview of a voice says. */
export const samples: Readonly<Record<Language, string>> = {
  chinese: "你好，很高兴认识你。今天的天气真不错。",
  english: "Hello, it is good to meet you. This is how I sound.",
  german: "Hallo, schön, dich kennenzulernen. So klinge ich.",
  italian: "Ciao, piacere di conoscerti. Ecco come suona la mia voce.",
  portuguese: "Olá, é um prazer conhecer você. É assim que eu soo.",
  spanish: "Hola, encantado de conocerte. Así suena mi voz.",
  japanese: "こんにちは、はじめまして。これが私の声です。",
  korean: "안녕하세요, 만나서 반갑습니다. 제 목소리는 이렇습니다.",
  french: "Bonjour, ravi de vous rencontrer. Voici comment sonne ma voix.",
  russian: "Здравствуйте, приятно познакомиться. Вот так звучит мой голос.",
};
