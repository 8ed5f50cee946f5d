// Hangs the drawings into the page once: a hundred keys that each name another file would each ask for it.

const SHEETS = ['icons/signs.svg', 'icons/goods.svg'];

/** Keys that stand there already are drawn when their drawing comes; without it they keep their word. */
export async function hangDrawings() {
  const shelf = document.createElement('div');
  shelf.hidden = true;
  document.body.append(shelf);
  await Promise.all(SHEETS.map(async (sheet) => {
    const answer = await fetch(sheet);
    if (answer.ok) shelf.append(new DOMParser().parseFromString(await answer.text(), 'image/svg+xml').documentElement);
  }));
}
