import { useEffect, useRef, type RefObject } from "react";

const NEAR_PX = 80;

/** Keep a log at its end whatever comes, unless the person reads further up. */
export function useStickToEnd(): RefObject<HTMLDivElement | null> {
  const log = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = log.current;
    if (!element) return;
    let isAtEnd = true;
    let last = 0;
    let frame = 0;
    const go = () => {
      if (isAtEnd) element.scrollTop = element.scrollHeight;
    };
    const look = () => {
      // What has grown meanwhile moves the end away; only going up is the person's wish.
      if (element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX) isAtEnd = true;
      else if (element.scrollTop < last) isAtEnd = false;
      last = element.scrollTop;
    };
    const came = () => {
      go();
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(go); // what is seen for the first time grows to its real height
    };
    const observer = new MutationObserver(came);
    observer.observe(element, { childList: true, characterData: true, subtree: true });
    element.addEventListener("scroll", look, { passive: true });
    came();
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
      element.removeEventListener("scroll", look);
    };
  }, []);
  return log;
}
