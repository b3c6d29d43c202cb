import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

// One calm blue-green with enough contrast on white (4.5:1 from shade 7) and, from shade 4, on the dark ground.
const strata: MantineColorsTuple = [
  "#eaf6f9",
  "#d7eaf0",
  "#add4e0",
  "#80bdd0",
  "#5daac3",
  "#479ebb",
  "#3a98b8",
  "#1f6f8b",
  "#1a637d",
  "#0c5169",
];

export const theme = createTheme({
  primaryColor: "strata",
  primaryShade: { light: 7, dark: 7 },
  colors: { strata },
  defaultRadius: "md",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  headings: { fontWeight: "650" },
  cursorType: "pointer",
  respectReducedMotion: true,
});

/** Quiet texts and errors that are still read easily (4.5:1 on every ground that they stand on). */
export const readable: CSSVariablesResolver = (own) => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": own.colors.gray[7],
    "--mantine-color-placeholder": own.colors.gray[7],
    "--mantine-color-error": own.colors.red[9],
    "--mantine-color-orange-light-color": "#9a3412",
    "--mantine-color-orange-text": "#9a3412",
    "--mantine-color-teal-light-color": "#05603a",
  },
  dark: {
    "--mantine-color-dimmed": own.colors.dark[1],
    "--mantine-color-placeholder": own.colors.dark[1],
    "--mantine-color-error": own.colors.red[4],
    "--mantine-color-anchor": "#add4e0",
  },
});
