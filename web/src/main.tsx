import "@mantine/core/styles.css";
import "@mantine/dropzone/styles.css";
import "@mantine/notifications/styles.css";
import "./app/app.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { loadConfig } from "./api/config";
import { session } from "./auth/session";
import { App } from "./app/App";
import { Unreachable } from "./app/Unreachable";
import { startTexts } from "./i18n/texts";

async function start(): Promise<void> {
  const root = createRoot(document.getElementById("root") as HTMLElement);
  await startTexts();
  try {
    await loadConfig();
    session.check();
    root.render(
      <StrictMode>
        <App />
      </StrictMode>,
    );
  } catch {
    root.render(<Unreachable />);
  }
}

void start();
