/**
 * Has glibc ask for huge pages: a process that reads gigabytes of weights for every second of sound finds them with fewer
 * misses of the TLB, and prefetching does not end every 4 KB. They are given where the system gives them to who asks
 * (`/sys/kernel/mm/transparent_hugepage/enabled` is `madvise` or `always`); other systems and allocators ignore this.
 *
 * Weights are allocated in threads, whose heaps glibc asks for as they grow: so they grow by 64 MB, what a heap can be, and
 * take in what would else be mapped piece by piece, each less than a huge page (malloc/arena.c, GNU libc 2.36).
 */
const tunables = [
  "glibc.malloc.hugetlb=1",
  `glibc.malloc.top_pad=${64 * 2 ** 20}`,
  `glibc.malloc.mmap_threshold=${32 * 2 ** 20}`,
].join(":");

/** Variables for the environment of such a process. Tunables that are set already are left to whoever has set them. */
export function hugePages({ GLIBC_TUNABLES: own }: NodeJS.ProcessEnv): Record<string, string> {
  return { GLIBC_TUNABLES: own || tunables };
}
