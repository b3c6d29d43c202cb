import type { Box } from "./SourceView";

/** A rectangle on a page; sides are shares of the page from its upper left corner. */
export interface Region {
  page: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const share = (value: number | undefined) => Math.min(1, Math.max(0, value ?? 0));

/** The rectangles of the API's boxes; one without an area, or that is no box, is left out. */
export function regionsOf(boxes: readonly Box[]): Region[] {
  return boxes.flatMap((box) => {
    const [, page = 0, left, top, right, bottom] = box;
    const region = { page, left: share(left), top: share(top), right: share(right), bottom: share(bottom) };
    return page >= 1 && region.right > region.left && region.bottom > region.top ? [region] : [];
  });
}

/** How much of the smaller height two regions share, side by side on a line: 1 is all. */
function overlap(one: Region, other: Region): number {
  const shared = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return shared / Math.min(one.bottom - one.top, other.bottom - other.top);
}

/** Join the regions of one line that touch or nearly do, so that words do not look like beads on a string. */
export function joinLines(regions: readonly Region[], gap = 0.02): Region[] {
  const joined: Region[] = [];
  for (const region of regions) {
    const last = joined.at(-1);
    const follows =
      last?.page === region.page &&
      overlap(last, region) > 0.6 &&
      region.left <= last.right + gap &&
      region.right >= last.left - gap;
    if (!follows) {
      joined.push({ ...region });
      continue;
    }
    last.left = Math.min(last.left, region.left);
    last.right = Math.max(last.right, region.right);
    last.top = Math.min(last.top, region.top);
    last.bottom = Math.max(last.bottom, region.bottom);
  }
  return joined;
}
