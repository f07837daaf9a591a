// A program's memory is one, however many answers it is making. What they keep in it is therefore counted together.

/** One holder's share of the memory. */
export interface Share {
  add(bytes: number): void;
  /** Gives all of it back. */
  release(): void;
}

export interface KeptBytes {
  readonly total: number;
  /** Opens a share. `letGo` is called once, when it is the largest while too much is kept: it is to give back what it can. */
  open(letGo?: () => void): Share;
}

export function createKeptBytes(limitBytes: number): KeptBytes {
  const yielding = new Map<{ bytes: number }, () => void>();
  let total = 0;

  function relieve(): void {
    while (total > limitBytes && yielding.size > 0) {
      const [largest, letGo] = [...yielding].reduce((a, b) => (b[0].bytes > a[0].bytes ? b : a));
      yielding.delete(largest);
      letGo();
    }
  }

  return {
    get total() {
      return total;
    },
    open(letGo) {
      const share = { bytes: 0 };
      if (letGo) yielding.set(share, letGo);
      return {
        add(bytes) {
          share.bytes += bytes;
          total += bytes;
          relieve();
        },
        release() {
          total -= share.bytes;
          share.bytes = 0;
          yielding.delete(share);
        },
      };
    },
  };
}
