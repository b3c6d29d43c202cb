import { useTranslation } from "react-i18next";
import { shownName } from "../parts/names";
import type { Place } from "./queries";

/** Where a passage stands, as people say it: page, slide, sheet and rows, or its headings. */
export function PlaceName({ place }: { place: Omit<Place, "boxes"> }) {
  const { t } = useTranslation();
  const { unit, page, sheet, row_start: from, row_end: to } = place;
  const parts = [
    place.member && shownName(place.member),
    sheet ? shownName(sheet) : page !== null && unit !== "section" && t(`viewer.units.${unit}`, { page }),
    from !== null && to !== null && t("viewer.rows", { from, to }),
    place.heading_path.map(shownName).join(" › "),
  ];
  return parts.filter(Boolean).join(" · ");
}
