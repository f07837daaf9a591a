import type { Claim, Rule } from "./rule.ts";
import { claimEach } from "./rule.ts";

/** As Markdown marks it, within a line. */
const code = /`[^`\n]{1,400}`/g;
const fileName =
  /(?<![\p{L}\p{N}_./\\-])[\w./\\-]{1,200}\.(?:txt|md|pdf|docx?|xlsx?|pptx?|csv|json|xml|html?|css|[cm]?[jt]sx?|py|rb|go|rs|java|sh|exe|dll|zip|tar|gz|png|jpe?g|gif|svg|mp[34]|wav|flac|ogg|ya?ml|toml|ini|log|sql)(?![\p{L}\p{N}])/giu;
const version = /(?<![\p{L}\p{N}.])v?\d{1,9}(?:\.\d{1,9}){2,9}(?![\p{L}\p{N}])/giu;

const untouched = (text: string, pattern: RegExp): Claim[] =>
  claimEach(text, pattern, () => "").map((claim) => ({ ...claim, text: null }));

/** Claims code and the names of files for itself, so that they stay as they are. */
export const codeRule: Rule = (text) => [...untouched(text, code), ...untouched(text, fileName)];

/** Claims versions, IP addresses and the numbers of sections, so that they stay as they are. */
export const versionRule: Rule = (text) => untouched(text, version);
