// Where a text is among all lines of all files.

// Places are { reading, page, line, start, end }, in the order in which they are read.
export function matches(readings, wanted) {
  const sought = wanted.toLocaleLowerCase();
  if (!sought) return [];
  return readings.flatMap((reading) => reading.pages.flatMap((page) => page.lines.flatMap((line) => {
    const start = line.text.toLocaleLowerCase().indexOf(sought);
    return start < 0 ? [] : [{ reading, page, line, start, end: start + wanted.length }];
  })));
}
