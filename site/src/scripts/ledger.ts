/** What the ledger can do beyond being read: show the claims of a verdict, a study, a standing or a word alone. */

const form = document.querySelector<HTMLFormElement>(".filters");
if (form) filters(form);

function filters(form: HTMLFormElement): void {
  const claims = [...document.querySelectorAll<HTMLTableSectionElement>(".ledger tbody")].map((rows) => ({
    rows,
    words: rows.textContent!.toLowerCase(),
  }));
  const shown = form.querySelector("output")!;
  const show = () => {
    const asked = new FormData(form);
    const chosen = (name: string) => String(asked.get(name));
    const has = (rows: HTMLElement, name: "verdict" | "study" | "standing") =>
      chosen(name) === "" || rows.dataset[name]!.split(" ").includes(chosen(name));
    const word = chosen("text").trim().toLowerCase();
    for (const { rows, words } of claims) {
      rows.hidden = !(has(rows, "verdict") && has(rows, "study") && has(rows, "standing") && words.includes(word));
    }
    const left = claims.filter(({ rows }) => !rows.hidden).length;
    shown.textContent = left === claims.length ? `all ${left} shown` : `${left} of ${claims.length} shown`;
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  show();
}
