import { useEffect, useRef } from "react";
import { useLocation, useNavigationType } from "react-router";

/**
 * Moves the keyboard to the content when another page was chosen in the navigation, so that the next Tab goes on there.
 *
 * What the page itself has focused keeps the focus; so does what was focused in the content while only its address
 * changed.
 */
export function useArrivalFocus(contentId: string): void {
  const { pathname } = useLocation();
  const kind: string = useNavigationType();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    const content = document.getElementById(contentId);
    if (kind === "REPLACE" || !content || content.contains(document.activeElement)) return;
    content.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [pathname, kind, contentId]);
}
