import { api, told, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { pathOf, uploads } from "../uploads/uploads";

/** A knowledge base with files in it, and a bot over it. */
export interface Plan {
  name: string;
  files: readonly File[];
  description: string;
  questions: string[];
}

/** Make them, and return the bot; the files are on their way then. */
export async function makeBot({ name, files, description, questions }: Plan): Promise<Schemas["Bot"]> {
  const base = await told(
    api().POST("/v1/knowledge-bases", {
      body: { name, description, release: null, visibility: "tenant" },
    }),
  );
  uploads.add(base.kb_id, files);
  return told(
    api().POST("/v1/bots", {
      body: { name, description, instructions: "", kb_ids: [base.kb_id], starter_questions: questions },
    }),
  );
}

const LONGEST_NAME = 80;

/** What a set of files is called: by their folder, or by the only file, without its ending; empty where by neither. */
export function nameOf(files: readonly File[]): string {
  const folders = new Set(files.map((file) => pathOf(file).split("/").slice(0, -1)[0] ?? ""));
  const [folder] = folders;
  if (folders.size === 1 && folder) return folder.slice(0, LONGEST_NAME);
  return files.length === 1 ? (files[0]?.name.replace(/\.[^.]+$/, "").slice(0, LONGEST_NAME) ?? "") : "";
}

/** The project's own documentation, which is served beside the pages. */
export async function sampleFiles(): Promise<File[]> {
  const names = (await (await served("/samples/list.json")).json()) as string[];
  return Promise.all(
    names.map(
      async (name) => new File([await (await served(`/samples/${name}`)).blob()], name, { type: "text/markdown" }),
    ),
  );
}

async function served(path: string): Promise<Response> {
  const answer = await fetch(path).catch(() => undefined);
  if (!answer?.ok) throw new ApiError("", "unreachable", 0);
  return answer;
}
