import { useEffect, useRef, type RefObject } from "react";

const NEAR_PX = 80;

/** Scroll a log to its end when something comes, unless the person reads further up. */
export function useStickToEnd(news: readonly unknown[]): RefObject<HTMLDivElement | null> {
  const log = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const element = log.current;
    if (!element) return;
    const look = () => {
      isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    };
    element.addEventListener("scroll", look, { passive: true });
    return () => element.removeEventListener("scroll", look);
  }, []);
  useEffect(() => {
    if (isAtEnd.current) log.current?.scrollTo({ top: log.current.scrollHeight });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the caller says what news is
  }, news);
  return log;
}
