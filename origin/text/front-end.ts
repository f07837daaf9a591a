/**
 * The version of all that this folder makes of a text before an engine has it: cleaning, words for signs, sentences, segments and the
 * guess at its language. Raise it whenever a text comes out otherwise: all engines speak anew then.
 */
export const frontEndVersion = 3;
