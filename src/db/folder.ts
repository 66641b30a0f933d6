import { join } from "node:path";

/** Where an organisation's Tocsin keeps things. `root` holds tocsin.yaml and incidents/; `data` is 0700 and Tocsin's own. */
export type DataFolder = {
  readonly root: string;
  readonly data: string;
};

export function dataFolder(root: string, data = join(root, ".tocsin")): DataFolder {
  return { root, data };
}

export function incidentFolder(folder: DataFolder, incident: string): string {
  return join(folder.root, "incidents", incident);
}
