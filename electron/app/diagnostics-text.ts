/** Removes the home folder, whose path contains the user's name. */
export const withoutHome = (text: string, home: string): string =>
  home.length > 1 ? text.replaceAll(home, '~') : text;

/** The text that *Copy Diagnostics* puts on the clipboard where the user agreed to the log: the findings, then its end. */
export const diagnosticsWithLog = (findings: string, log: string): string =>
  `${findings.trimEnd()}\n\nLog, its end:\n${log === '' ? '(empty)' : log.trimEnd()}\n`;
