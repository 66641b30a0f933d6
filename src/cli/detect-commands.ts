import type { Command } from "./command.ts";

export const DETECT_COMMANDS: readonly Command[] = [];
