import type { Language } from "../../shared/languages.ts";

/** Words that are written with a full stop, and what it means that another word with a capital follows. */
export interface Abbreviations {
  /** Belong to what follows, whatever it is: titles, "e.g.", "vs.". */
  before: ReadonlySet<string>;
  /** Belong to a number that follows; before anything else they are words: "No." */
  numbered: ReadonlySet<string>;
  /** May be within a sentence or end it: "Inc.", "Jan.". A word that begins sentences, if one follows, tells. */
  either: ReadonlySet<string>;
  /** End a sentence where a capital follows: "etc.". */
  last: ReadonlySet<string>;
  /** Words that often begin a sentence, and with a capital hardly stand within one. */
  starters: ReadonlySet<string>;
}

type Lists = Record<keyof Abbreviations, string>;

/** In lower case where the case does not matter, else as they are written. */
const lists: Partial<Record<Language, Lists>> = {
  english: {
    before:
      "mr mrs ms messrs dr prof rev hon gen col maj capt cpt lt sgt cmdr adm gov sen rep pres supt insp det fr st mt ft vs cf viz approx e.g i.e al ca esp incl resp",
    numbered: "no nos p pp vol vols fig figs sec ch chap art eq ex par pt op ed",
    either:
      "inc ltd co corp llc bros jr sr esq dept est ave blvd rd ln sq apt hr hrs min oz lb ext Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun univ assn ph.d m.d a.m p.m",
    last: "etc",
    starters:
      "The A An It He She They We I You This That These Those There Then But And So When If In On At For As After Before My Our Your His Her Its Their What Who Why How Where However Later Now Nobody Everyone Today Yesterday Tomorrow Yes No Not Please All Some Most Many One",
  },
  german: {
    before:
      "dr prof hr hrn fr frl dipl ing med phil rer nat jur hl st z.b d.h i.d.r u.u u.a v.a s.o s.u i.a m.e o.ä bzw vgl ca evtl ggf inkl exkl zzgl abzgl sog bes insb geb gest gegr urspr allg max min mind ehem eigtl jew lt gem o.g u.g a.d usf",
    numbered: "nr art abs kap bd s ziff tel abb tab aufl jg anm fn",
    either: "str pl jan feb apr jun jul aug sept sep okt nov dez mo di mi do sa so co inc jun sen",
    last: "usw etc u.a.m usf u.s.w dgl",
    starters:
      "Der Die Das Ein Eine Er Sie Es Wir Ihr Ich Du Und Aber Doch Dann Danach Da Dort Hier Heute Gestern Morgen Jetzt Nun Wenn Als Weil Dies Diese Dieser Dieses Was Wer Wie Wo Warum In Im Am An Auf Bei Mit Nach Vor Für Auch So Man Niemand Alle Später Nein Ja Bitte Sein Seine Ihre Mein Meine",
  },
  french: {
    before:
      "m mm mme mmes mlle mlles dr drs pr prof me mgr st ste cf env p.ex c.-à-d c-à-d ex vs av apr j.-c boul bd",
    numbered: "no n p pp vol fig art chap al t réf tél",
    either: "janv févr avr juil sept oct nov déc inc cie ltée sté",
    last: "etc",
    starters:
      "Le La Les L'un Un Une Des Il Elle Ils Elles On Nous Vous Je J'ai Tu Ce Cet Cette Ces C'est Et Mais Ou Donc Puis Alors Ensuite Après Avant Quand Si En Dans Pour Avec Sur Où Qui Que Quoi Comment Pourquoi Aujourd'hui Hier Demain Oui Non Mon Ma Mes Son Sa Ses Notre Votre Leur Personne Tout Tous",
  },
  spanish: {
    before:
      "sr sra srta sres dr dra dres d dña don ud uds vd vds prof profa lic ing arq gral cnel tte sto sta p.ej ej vs cf aprox av avda c pza excmo ilmo",
    numbered: "no núm num nº n pág págs p pp vol fig art cap tel t",
    either: "ene feb mar abr may jun jul ago sept set oct nov dic cía s.a hnos ee.uu uu ee",
    last: "etc",
    starters:
      "El La Los Las Lo Un Una Él Ella Ellos Ellas Yo Tú Nosotros Usted Ustedes Esto Este Esta Estos Estas Eso Ese Esa Y Pero O Entonces Luego Después Antes Cuando Si En Para Con Por Sobre Como Qué Quién Cómo Dónde Hoy Ayer Mañana Sí No Mi Su Sus Nuestro Nadie Todo Todos Hay Es Fue Ahora Al",
  },
  italian: {
    before:
      "sig sigg sig.ra sig.na dott dott.ssa dr prof prof.ssa ing avv arch geom rag on sen s st mons p.es es ad.es vs cfr ca egr gent spett v.le p.za c.so",
    numbered: "n nr num pag pagg p pp vol fig art cap tel",
    either: "genn gen febb feb mar apr magg giu lug ago sett ott nov dic s.p.a s.r.l spa srl f.lli",
    last: "ecc etc",
    starters:
      "Il Lo La I Gli Le L'altro Un Una Uno Lui Lei Loro Io Tu Noi Voi Egli Ella Questo Questa Questi Quello Quella E Ma O Poi Allora Dopo Prima Quando Se In Nel Nella Per Con Su Come Che Chi Cosa Dove Perché Oggi Ieri Domani Sì No Mio Mia Suo Sua Nostro Nessuno Tutti Tutto C'è È Era Ora Non",
  },
  portuguese: {
    before:
      "sr sra srta srs dr dra drs prof profa eng arq d dna exmo exma ilmo gen cel cap ten sto sta v vs cf p.ex ex aprox av r pça",
    numbered: "no n nº núm pág págs p pp vol fig art cap tel",
    either: "jan fev mar abr mai jun jul ago set out nov dez ltda cia s.a e.u.a",
    last: "etc",
    starters:
      "O A Os As Um Uma Ele Ela Eles Elas Eu Tu Nós Você Vocês Isto Este Esta Isso Esse Essa E Mas Ou Então Depois Antes Quando Se Em No Na Nos Nas Para Com Por Sobre Como Que Quem Onde Hoje Ontem Amanhã Sim Não Meu Minha Seu Sua Nosso Ninguém Todos Tudo Há É Foi Agora Ao",
  },
  russian: {
    before:
      "г гг гр им ул пр пер пл просп бул д кв корп стр акад проф доц инж ген полк кап св о т.е т.н т.к тов обл р-н пос с см ср напр англ нем лат напр",
    numbered: "рис табл гл п пп разд с стр т тт вып №",
    either: "янв февр фев апр авг сент окт нояб дек мин сек руб коп тыс млн млрд в вв н.э т",
    last: "др пр т.д т.п т.д",
    starters:
      "Он Она Оно Они Я Ты Мы Вы Это Этот Эта Эти Тот Та Те И Но А Или Потом Затем Тогда После До Когда Если В Во На По С Со К Для Как Что Кто Где Почему Сегодня Вчера Завтра Да Нет Мой Моя Наш Его Её Их Никто Все Всё Там Тут Здесь Теперь Не У От За",
  },
};

const parsed = new Map<Language, Abbreviations>();

/** The abbreviations of a language; none of one that has no full stops of this kind. */
export function abbreviationsOf(language: Language): Abbreviations {
  const known = parsed.get(language);
  if (known) return known;
  const set = (list = "") => new Set(list.split(" "));
  // Texts in Chinese, Japanese and Korean have English names in them.
  const { before, numbered, either, last, starters } = lists[language] ?? lists.english ?? {};
  const abbreviations = {
    before: set(before),
    numbered: set(numbered),
    either: set(either),
    last: set(last),
    starters: set(starters),
  };
  parsed.set(language, abbreviations);
  return abbreviations;
}
