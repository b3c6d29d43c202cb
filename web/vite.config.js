import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** What pdf.js reads while it draws: character maps, the standard fonts, and decoders that need no WebAssembly. */
function pdfFiles() {
  const from = join(import.meta.dirname, "node_modules", "pdfjs-dist");
  const folders = { cmaps: /\.bcmap$/, standard_fonts: /\.(pfb|ttf)$/, wasm: /_nowasm_fallback\.js$/ };
  return {
    name: "pdf-files",
    generateBundle() {
      for (const [folder, wanted] of Object.entries(folders))
        for (const name of readdirSync(join(from, folder)).filter((one) => wanted.test(one)))
          this.emitFile({
            type: "asset",
            fileName: `pdf/${folder}/${name}`,
            source: readFileSync(join(from, folder, name)),
          });
    },
  };
}

/** The project's own documentation, for people who want to try before they bring documents. */
function samples() {
  const checkout = join(import.meta.dirname, "..");
  return {
    name: "samples",
    generateBundle() {
      const docs = readdirSync(join(checkout, "docs")).filter((one) => one.endsWith(".md"));
      const files = ["README.md", ...docs.sort().map((one) => `docs/${one}`)];
      const emit = (name, source) => this.emitFile({ type: "asset", fileName: `samples/${name}`, source });
      for (const file of files) emit(file, readFileSync(join(checkout, file)));
      emit("list.json", JSON.stringify(files));
    },
  };
}

export default defineConfig({
  plugins: [react(), pdfFiles(), samples()],
  build: {
    target: "es2022",
    // The policy allows no inline script and no data address: every asset is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  test: { environment: "jsdom", include: ["src/**/*.test.ts", "src/**/*.test.tsx"] },
});
