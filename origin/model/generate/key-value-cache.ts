import type { Tensor } from "onnxruntime-node";

/** How a type is held in JavaScript: float16 as its bits. */
const elements = { float32: Float32Array, float16: Uint16Array };

export type CacheData = Float32Array | Uint16Array;

export function createCacheData({ type }: CacheShape, length: number): CacheData {
  return new elements[type](length);
}

/** What the graph gives as part of a cache. Newer versions of Node have a type of their own for float16. */
export function cacheDataOf({ data }: Tensor): CacheData {
  if (data instanceof Float32Array) return data;
  if (!ArrayBuffer.isView(data)) throw new Error("a cache is of numbers");
  return new Uint16Array(data.buffer, data.byteOffset, data.length);
}

/** Type and sizes of a talker's cache. */
export interface CacheShape {
  type: keyof typeof elements;
  /** Two for each layer: its keys, then its values. */
  tensors: number;
  heads: number;
  headSize: number;
}

/** Bytes that one position of one stream takes. */
export function bytesPerPosition({ type, tensors, heads, headSize }: CacheShape): number {
  return tensors * heads * headSize * elements[type].BYTES_PER_ELEMENT;
}

/** What one stream's attention remembers, in pages. */
export interface KeyValueCache {
  /** Positions held. */
  readonly length: number;
  /**
   * Appends the `count` positions that row `row` gained in a call: `gained` is [tensors, B, heads, count, head size].
   */
  append(gained: CacheData, row: number, count: number): void;
  /**
   * Copies the positions from `first` on of tensor `index` to where they lie in `target`, [heads, room, head size].
   * Throws a RangeError when there is no room.
   */
  copyTo(target: CacheData, room: number, index: number, first: number): void;
  /** Gives the pages back. Nothing is held any more. */
  free(): void;
}

/** The pages of all caches of one shape. Those of streams that ended serve the next ones. */
export interface PagePool {
  open(): KeyValueCache;
  /** Of the pages in use and those kept for later. */
  readonly heldBytes: number;
}

/** Positions in a page: about two and a half seconds of speech. */
export const pagePositions = 32;

/** Of the pages in use, how many more are kept for the next streams. */
const spareShare = 1 / 8;

/** [tensors, heads, page positions, head size] */
type Page = CacheData;

export function createPagePool(shape: CacheShape): PagePool {
  const { tensors, heads, headSize } = shape;
  const headElements = pagePositions * headSize;
  const pageElements = tensors * heads * headElements;
  const spare: Page[] = [];
  let used = 0;

  function takePage(): Page {
    used++;
    return spare.pop() ?? createCacheData(shape, pageElements);
  }

  /** Few are kept beside those in use, so that room that few streams need goes back to the system. */
  function givePages(pages: readonly Page[]): void {
    used -= pages.length;
    spare.push(...pages);
    spare.length = Math.min(spare.length, Math.ceil(used * spareShare));
  }

  function open(): KeyValueCache {
    let pages: Page[] = [];
    let length = 0;

    return {
      get length() {
        return length;
      },
      append(gained, row, count) {
        const rows = gained.length / (tensors * heads * count * headSize);
        while (pages.length * pagePositions < length + count) pages.push(takePage());
        for (const { page, inPage, offset, positions } of spans(length, length + count)) {
          const target = pages[page];
          for (let head = 0; target && head < tensors * heads; head++) {
            const tensor = Math.floor(head / heads);
            const source = ((tensor * rows + row) * heads + (head % heads)) * count + offset;
            const from = source * headSize;
            target.set(
              gained.subarray(from, from + positions * headSize),
              head * headElements + inPage * headSize,
            );
          }
        }
        length += count;
      },
      copyTo(target, room, index, first) {
        if (length > room) throw new RangeError(`${length} positions have no room in ${room}`);
        for (const { page, inPage, offset, positions } of spans(first, length)) {
          const source = pages[page];
          for (let head = 0; source && head < heads; head++) {
            const from = (index * heads + head) * headElements + inPage * headSize;
            target.set(
              source.subarray(from, from + positions * headSize),
              (head * room + first + offset) * headSize,
            );
          }
        }
      },
      free() {
        givePages(pages);
        pages = [];
        length = 0;
      },
    };
  }

  return {
    open,
    get heldBytes() {
      return (used + spare.length) * pagePositions * bytesPerPosition(shape);
    },
  };
}

interface Span {
  page: number;
  /** Where the span begins in its page, and how far that is from `first`. */
  inPage: number;
  offset: number;
  positions: number;
}

/** The positions from `first` to before `end`, page by page. */
function* spans(first: number, end: number): Generator<Span> {
  for (let position = first; position < end; ) {
    const inPage = position % pagePositions;
    const positions = Math.min(pagePositions - inPage, end - position);
    yield {
      page: Math.floor(position / pagePositions),
      inPage,
      offset: position - first,
      positions,
    };
    position += positions;
  }
}
