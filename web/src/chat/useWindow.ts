import { startTransition, useEffect, useRef, useState, type RefObject } from "react";

const AT_FIRST = 30;
const MORE = 20;

/**
 * The end of a long list, and more of it when the person scrolls up: a conversation of hundreds of answers opens as fast
 * as a short one. The browser keeps what is read in its place when something comes above it.
 */
export function useWindow<T>(all: readonly T[]): { part: readonly T[]; more: RefObject<HTMLDivElement | null> } {
  const [count, setCount] = useState(AT_FIRST);
  const more = useRef<HTMLDivElement>(null);
  const isAll = count >= all.length;
  useEffect(() => {
    const sentinel = more.current;
    if (!sentinel || isAll) return;
    const seen = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) startTransition(() => setCount((old) => old + MORE));
      },
      { root: sentinel.parentElement, rootMargin: "600px 0px 0px 0px" },
    );
    seen.observe(sentinel);
    return () => seen.disconnect();
  }, [isAll, count]);
  return { part: isAll ? all : all.slice(-count), more };
}
