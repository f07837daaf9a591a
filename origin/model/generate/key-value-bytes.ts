/** What an engine keeps in memory of the utterances it speaks, and what a step of several of them takes besides. */
export interface KeyValueSizes {
  bytesPerPosition: number;
  /** An utterance holds whole pages of so many positions. */
  pagePositions: number;
  /** The utterances of one call have rows as long as the longest of them, with room for a multiple of so many positions. */
  roomStep: number;
  /** A call has at most so many positions for each that is of use. */
  maxPadding: number;
  /** Of a call. */
  maxRows: number;
  /** Copies fill the rows of a call up to a multiple of so many. */
  rowMultiple: number;
  /** How often the rows of a call are in memory while it is made. */
  copiesInCall: number;
}

/** What utterances of so many positions hold at most, in bytes, whichever of them share a call. */
export function keyValueBytes(sizes: KeyValueSizes, positions: readonly number[]): number {
  const { bytesPerPosition, pagePositions, copiesInCall } = sizes;
  const inPages = positions.reduce((sum, count) => sum + roundUp(count, pagePositions), 0);
  return bytesPerPosition * (inPages + copiesInCall * largestCall(sizes, positions));
}

/** The positions of the largest call, with its padding. */
function largestCall(sizes: KeyValueSizes, positions: readonly number[]): number {
  const { roomStep, maxPadding, maxRows, rowMultiple } = sizes;
  const rooms = positions.map((count) => roundUp(count, roomStep)).sort((a, b) => b - a);
  let largest = 0;
  rooms.forEach((longest, first) => {
    let rows = 0;
    let useful = 0;
    for (const room of rooms.slice(first, first + maxRows)) {
      useful += room;
      if ((rows + 1) * longest > maxPadding * useful) break;
      rows++;
    }
    largest = Math.max(largest, roundUp(rows, rowMultiple) * longest);
  });
  return largest;
}

function roundUp(count: number, multiple: number): number {
  return Math.ceil(count / multiple) * multiple;
}
