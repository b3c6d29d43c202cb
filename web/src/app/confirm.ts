import { modals } from "@mantine/modals";

type Question = Parameters<typeof modals.openConfirmModal>[0];

let isReady = false;
let waiting: Question[] = [];
let hurry: () => void = () => undefined;

/** Ask whether something is really meant; a question asked before the window for it is loaded waits for it. */
export function confirm(question: Question): void {
  if (isReady) modals.openConfirmModal(question);
  else {
    waiting.push(question);
    hurry();
  }
}

/** Be told when somebody waits for what is not loaded yet. */
export function onHurry(load: () => void): void {
  hurry = load;
  if (waiting.length > 0) load();
}

/** The window is there: what was asked meanwhile is asked now. */
export function ready(): void {
  isReady = true;
  waiting.forEach((question) => modals.openConfirmModal(question));
  waiting = [];
}
