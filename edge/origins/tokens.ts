/** The token each origin took last, by its URL. */
const taken = new Map<string, string>();

/**
 * Sends a request with the first token the origin takes, beginning with the one it took before: while a token is being
 * replaced there are two, and origins change over one by one. Returns the last refusal when it takes none.
 */
export async function sendWithToken(
  origin: URL,
  tokens: readonly string[],
  send: (token?: string) => Promise<Response>,
): Promise<Response> {
  const before = taken.get(origin.href);
  const [first, ...others] = tokens.toSorted((a, b) => Number(b === before) - Number(a === before));
  let answer = await send(first);
  for (const token of others) {
    if (!refusesToken(answer.status)) break;
    await answer.body?.cancel();
    answer = await send(token);
    if (!refusesToken(answer.status)) taken.set(origin.href, token);
  }
  return answer;
}

/** Both stand for the edge's credentials here: the client's own never come this far. */
export function refusesToken(status: number): boolean {
  return status === 401 || status === 403;
}
