/** Words that are frequent in one of the six languages in Latin letters, those of greetings and of signs among them. */
const lists = {
  english:
    "the am a an and or of to in is are was were be been it its this that these those with for on at by from as not you your he she they we i my our his her their what who how where when why which will would can could should has have had do does did there here please thanks thank hello hi hey good morning evening night yes okay sorry welcome goodbye bye test testing open close start stop turn off play next back new all more than then now just like about up out if but so one two three today tomorrow",
  german:
    "der die das den dem des ein eine einen einem einer und oder ist sind war waren sein es dies diese dieser mit für auf an bei von aus als nicht du sie er wir ich mein dein sein ihr unser was wer wie wo wann warum wird werden kann können hat haben hatte guten gute guter morgen tag abend nacht danke bitte hallo ja nein tschüss auch noch nur schon sehr über unter zu zum zur im am vom heute gestern jetzt hier dort aber wenn dann öffnen schließen",
  french:
    "le la les un une des et ou est sont était être il elle ils elles nous vous je tu ce cette ces avec pour sur dans par de du au aux en que qui quoi comment où quand pourquoi pas ne plus mon ma mes ton ta ses son notre votre leur bonjour bonsoir salut merci oui non tout tous toute très bien fait est on a beau chat monde aujourd hui demain hier ici mais si voilà ouvrir fermer ça",
  spanish:
    "el la los las un una unos unas y o es son era ser está están estar esto este esta estos ese esa con para por en de del al que quien qué cómo dónde cuándo porque no más mi tu su sus nuestro yo tú él ella ellos nosotros usted hola buenos buenas días tardes noches gracias muchas muy bien sí sé lo no adiós hoy mañana ayer aquí pero si abrir cerrar señor hay",
  italian:
    "il lo la i gli le un una uno e o è sono era essere questo questa questi quello con per su in di del della dei delle al alla nel nella che chi cosa come dove quando perché non più mio tuo suo nostro io tu lui lei noi voi loro ciao buongiorno buonasera buona grazie mille molto bene sì so no oggi domani ieri qui ma se aprire chiudere tutti a da anche prego",
  portuguese:
    "o a os as um uma uns umas e ou é são era ser está estão isto este esta isso esse com para por em de do da dos das no na nos nas ao que quem como onde quando porque não mais meu teu seu nosso eu tu ele ela eles nós você vocês olá oi bom boa dia tarde noite obrigado obrigada muito bem sim tchau hoje amanhã ontem aqui mas se abrir fechar todos fica",
};

export type LatinLanguage = keyof typeof lists;

/** The languages that each of the words is frequent in: the more there are, the less it says. */
export const languagesOfWord: ReadonlyMap<string, readonly LatinLanguage[]> = invert();

function invert(): Map<string, LatinLanguage[]> {
  const found = new Map<string, LatinLanguage[]>();
  for (const [language, words] of Object.entries(lists) as [LatinLanguage, string][]) {
    for (const word of new Set(words.split(" "))) {
      found.set(word, [...(found.get(word) ?? []), language]);
    }
  }
  return found;
}

/** Letters and signs that hardly another of the six has. */
export const ownLetters: Readonly<Record<LatinLanguage, RegExp>> = {
  english: /(?!)/g,
  german: /[äß]/giu,
  french: /[œæëîûÿ]|\b[dlnsjcmqt]u?['’](?=\p{L})/giu,
  spanish: /[ñ¿¡]/giu,
  italian: /[ìò]|\b(?:dell|nell|all|dall|sull|quest|un|dov|com|c)['’](?=\p{L})/giu,
  portuguese: /[ãõ]/giu,
};
