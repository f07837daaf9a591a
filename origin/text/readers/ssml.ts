import type { ApiError } from "../../../shared/api-error.ts";
import { type Language, languages, parseLanguage } from "../../../shared/languages.ts";
import { type ModelId, nativeModels } from "../../../shared/models.ts";
import { castVoice, type Names, unnameable } from "../../../shared/voices/cast.ts";
import { brief } from "../../../shared/wire-values.ts";
import { type MappedText, replaceEach, standIn } from "../mapped-text.ts";
import { type SayAs, sayAs } from "../normalization/say-as.ts";
import type { Passage } from "../passage.ts";
import { createPassageBuilder, type Manner } from "./passage-builder.ts";
import {
  fastestRate,
  mostGain,
  mostPauseSeconds,
  parseDuration,
  parseRate,
  parseStrength,
  parseVolume,
  slowestRate,
} from "./ssml-values.ts";
import { type Element, type Refuse, walkXml } from "./xml.ts";

export interface SsmlOptions {
  model: ModelId;
  /** Of what is said outside of all elements that say otherwise. */
  manner: Manner;
  /** What is read out by the rules of a language is read by those of this one where none is named. */
  readerLanguage: Language;
  catalogue: Names;
}

export interface ReadSsml {
  passages: Passage[];
  /** What was spoken through as if it were not there: elements, and attributes as `prosody[pitch]`. */
  ignoredElements: string[];
  /** The elements that speak through instructions, which not every engine follows. */
  styledElements: string[];
}

/** What an element changes for what is within it. */
interface Scope {
  manner: Manner;
  /** What is within is not spoken as it stands, but replaced, or not at all. */
  say?: (text: MappedText) => MappedText | null;
  /** What is said in the place of all of it, as long as it has not been. */
  unsaid?: (() => MappedText | null) | undefined;
}

/** What ends with an element. */
const endings: Readonly<Record<string, "sentence" | "paragraph">> = {
  p: "paragraph",
  paragraph: "paragraph",
  s: "sentence",
  sentence: "sentence",
};

/** What `interpret-as` says, with the words of vendors. */
const sayAsKinds: Readonly<Record<string, SayAs["interpretAs"]>> = {
  cardinal: "cardinal",
  number: "cardinal",
  ordinal: "ordinal",
  digits: "digits",
  characters: "characters",
  "spell-out": "characters",
  verbatim: "characters",
  date: "date",
  time: "time",
  telephone: "telephone",
  currency: "currency",
  unit: "unit",
};

/** The elements whose names and attributes are of this meaning with one vendor or another. */
const styles: Readonly<Record<string, string>> = {
  "mstts:express-as": "style",
  "amazon:emotion": "name",
  "google:style": "name",
};
const emphases: Readonly<Record<string, string | null>> = {
  strong: "Say this with strong emphasis.",
  moderate: "Say this with emphasis.",
  reduced: "Say this without emphasis.",
  none: null,
};

/**
 * Reads SSML (https://www.w3.org/TR/speech-synthesis11/): `break`, `p`, `s`, `prosody` with rate and volume, `say-as`,
 * `sub`, `lang`, `voice`, `emphasis` and the styles of vendors where the model follows instructions, `mark`. White space
 * is one space. Other elements are spoken through. Throws an ApiError (400) with line and column for what is no SSML.
 */
export function readSsml(source: string, options: SsmlOptions): ReadSsml {
  const { model, manner, readerLanguage, catalogue } = options;
  const { kind: modelKind, followsInstructions } = nativeModels[model];
  const builder = createPassageBuilder(manner);
  const ignored = new Set<string>();
  const styled = new Set<string>();
  const scopes: Scope[] = [{ manner }];
  const within = (): Scope => scopes.at(-1) ?? { manner };

  function styledBy(name: string, instruction: string | null): Scope {
    const scope = within();
    if (!followsInstructions) ignored.add(name);
    if (!followsInstructions || !instruction) return scope;
    styled.add(name);
    const { instructions } = scope.manner;
    const all = instructions ? `${instructions} ${instruction}` : instruction;
    return { ...scope, manner: { ...scope.manner, instructions: all } };
  }

  function voiceOf({ attributes: { name, ...others } }: Element, refuse: Refuse): Scope {
    const scope = within();
    for (const key of Object.keys(others)) {
      if (key !== "xml:lang" && key !== "lang") ignored.add(`voice[${key}]`);
    }
    if (name === undefined) return scope;
    if (modelKind === "voice_design") {
      ignored.add("voice");
      return scope;
    }
    const cast = castVoice(name, model, catalogue);
    if ("rule" in cast) throw refuse(`must ${unnameable(name, cast)}`);
    const { speaker, blend } = cast;
    return { ...scope, manner: { ...scope.manner, speaker, blend } };
  }

  function prosodyOf({ attributes }: Element, refuse: Refuse): Scope {
    const { rate, volume, ...others } = attributes;
    for (const key of Object.keys(others)) ignored.add(`prosody[${key}]`);
    const scope = within();
    const factor = rate === undefined ? 1 : parseRate(rate);
    const gain = volume === undefined ? 0 : parseVolume(volume);
    const changed = {
      ...scope.manner,
      rate: scope.manner.rate * (factor ?? Number.NaN),
      gain: scope.manner.gain + (gain ?? Number.NaN),
    };
    if (!(changed.rate >= slowestRate && changed.rate <= fastestRate)) {
      const rule = `from ${slowestRate} to ${fastestRate} times the speed, as in "fast", "120%" or "-20%"`;
      throw refuse(`must have a prosody rate ${rule}; got ${brief(rate)}`);
    }
    if (!(changed.gain <= mostGain)) {
      const rule = `of at most +${mostGain} dB, as in "soft" or "-6dB"`;
      throw refuse(`must have a prosody volume ${rule}; got ${brief(volume)}`);
    }
    return { ...scope, manner: changed };
  }

  function pauseOf({ attributes: { time, strength } }: Element, refuse: Refuse): number {
    const seconds = time !== undefined ? parseDuration(time) : parseStrength(strength ?? "medium");
    if (seconds !== undefined) return seconds;
    const rule =
      time !== undefined
        ? `a break time of at most ${mostPauseSeconds} seconds, as in "500ms" or "1.5s"; got ${brief(time)}`
        : `a break strength that SSML knows, such as "medium"; got ${brief(strength)}`;
    throw refuse(`must have ${rule}`);
  }

  function languageOf({ attributes }: Element, scope: Scope, refuse: Refuse): Scope {
    const tag = attributes["xml:lang"] ?? attributes.lang;
    if (tag === undefined) return scope;
    const language = parseLanguage(tag);
    if (!language) throw unsupported(tag, refuse);
    return { ...scope, manner: { ...scope.manner, language } };
  }

  function replacedBy(alias: string, at: number): Scope {
    let isSaid = false;
    const once = (start: number, end: number) => {
      if (isSaid) return null;
      isSaid = true;
      return standIn(alias, start, end, { isFinal: true });
    };
    return {
      ...within(),
      say: ({ spans }) => once(spans[0]?.sourceStart ?? at, spans.at(-1)?.sourceEnd ?? at),
      unsaid: () => once(at, at),
    };
  }

  function readOut({ attributes }: Element): Scope {
    const { "interpret-as": interpretAs = "", format } = attributes;
    const kind = Object.hasOwn(sayAsKinds, interpretAs) ? sayAsKinds[interpretAs] : undefined;
    const { language } = within().manner;
    const by = language === "auto" ? readerLanguage : language;
    return {
      ...within(),
      say(text) {
        const as = kind && { interpretAs: kind, ...(format ? { format } : {}) };
        const words = as ? sayAs(text.text, as, by) : null;
        if (words === null) ignored.add(`say-as[${interpretAs || "interpret-as"}]`);
        const [first, last] = [text.spans[0], text.spans.at(-1)];
        if (words === null || !first || !last) return text;
        return standIn(words, first.sourceStart, last.sourceEnd, { isFinal: true });
      },
    };
  }

  function scopeOf(element: Element, refuse: Refuse): Scope {
    const { name, attributes } = element;
    switch (name) {
      case "speak":
      case "lang":
      case "w":
      case "token":
        return within();
      case "p":
      case "paragraph":
      case "s":
      case "sentence":
        return within();
      case "break":
        builder.pause(pauseOf(element, refuse));
        return within();
      case "mark": {
        if (!attributes.name) throw refuse("must have a name in each <mark>");
        builder.mark(attributes.name);
        return within();
      }
      case "prosody":
        return prosodyOf(element, refuse);
      case "say-as":
        return readOut(element);
      case "sub":
        if (attributes.alias === undefined) throw refuse("must have an alias in each <sub>");
        return replacedBy(attributes.alias, element.end);
      case "voice":
        return voiceOf(element, refuse);
      case "emphasis": {
        const level = attributes.level ?? "moderate";
        if (!Object.hasOwn(emphases, level)) {
          throw refuse(
            `must have emphasis that is strong, moderate, reduced or none; got ${brief(level)}`,
          );
        }
        return styledBy(name, emphases[level] ?? null);
      }
      case "meta":
      case "metadata":
      case "desc":
        return { ...within(), say: () => null };
    }
    const style = Object.hasOwn(styles, name) ? attributes[styles[name] ?? ""] : undefined;
    if (style && /^[\p{L} _-]{1,40}$/u.test(style)) {
      return styledBy(name, `Speak in a ${style.replace(/[_-]/g, " ")} way.`);
    }
    ignored.add(name);
    return within();
  }

  walkXml(source, "speak", {
    open(element, refuse) {
      const ending = endings[element.name];
      if (ending) builder.end(ending);
      const { unsaid, ...scope } = languageOf(element, scopeOf(element, refuse), refuse);
      scopes.push(element.name === "sub" ? { ...scope, unsaid } : scope);
    },
    close(name) {
      const { manner, unsaid } = scopes.pop() ?? within();
      const rest = unsaid?.();
      if (rest) builder.say(rest, manner);
      const ending = endings[name];
      if (ending) builder.end(ending);
    },
    text(text) {
      const { say, manner } = within();
      const collapsed = replaceEach(text, /\s+/g, () => " ");
      const said = say ? say(collapsed) : collapsed;
      if (said) builder.say(said, manner);
    },
  });
  return {
    passages: builder.finish(),
    ignoredElements: [...ignored],
    styledElements: [...styled],
  };
}

function unsupported(tag: string, refuse: Refuse): ApiError {
  return refuse(
    `must be in languages that are spoken here, ${languages.join(", ")}; got ${brief(tag)}`,
  );
}
