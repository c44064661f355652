/** What a page of a study can do beyond being read: step through epochs, choose panels, copy the command. */

const still = matchMedia("(prefers-reduced-motion: reduce)");
/** Milliseconds an epoch stands while playing. */
const STEP = 160;

for (const box of document.querySelectorAll<HTMLElement>(".epochs")) followEpochs(box);
for (const choice of document.querySelectorAll<HTMLFieldSetElement>(".choice")) followChoice(choice);
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copy]")) copies(button);

/** The slider shows training up to an epoch: paths so far, past dots pale, those of the epoch itself strong. */
function followEpochs(box: HTMLElement): void {
  const epochs = box.dataset.epochs!.split(" ").map(Number);
  const figure = document.getElementById(box.dataset.figure!)!;
  const slider = box.querySelector("input")!;
  const now = box.querySelector("output")!;
  const [play, all] = box.querySelectorAll("button");
  const dots = [...figure.querySelectorAll<SVGPathElement>(".dots")].map((path) => ({
    path,
    epoch: Number(path.dataset.epoch),
  }));
  const nets = [...figure.querySelectorAll<SVGPathElement>("path.net")].map((path) => {
    const whole = path.getAttribute("d")!;
    return { path, whole, steps: whole.split("l"), at: path.dataset.epochs?.split(" ").map(Number) ?? epochs };
  });
  let timer: ReturnType<typeof setInterval> | undefined;

  const showAll = () => {
    slider.value = slider.max;
    now.textContent = "all";
    slider.setAttribute("aria-valuetext", "all epochs");
    figure.classList.remove("stepping");
    for (const { path } of dots) path.classList.remove("now", "later");
    for (const { path, whole } of nets) path.setAttribute("d", whole);
  };
  const show = () => {
    const epoch = epochs[Number(slider.value)];
    now.textContent = epoch.toLocaleString("en");
    slider.setAttribute("aria-valuetext", `epoch ${epoch}`);
    figure.classList.add("stepping");
    for (const { path, epoch: its } of dots) {
      path.classList.toggle("now", its === epoch);
      path.classList.toggle("later", its > epoch);
    }
    for (const { path, steps, at } of nets) {
      const shown = at.filter((one) => one <= epoch).length;
      path.setAttribute("d", steps.slice(0, shown).join("l"));
    }
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
    play.textContent = "Play";
  };
  const start = () => {
    if (slider.value === slider.max) slider.value = slider.min;
    play.textContent = "Stop";
    show();
    timer = setInterval(() => {
      if (slider.value === slider.max) return stop();
      slider.stepUp();
      show();
    }, STEP);
  };

  slider.addEventListener("input", () => {
    stop();
    show();
  });
  play.addEventListener("click", () => timer === undefined ? start() : stop());
  all.addEventListener("click", () => {
    stop();
    showAll();
  });
  const allowPlay = () => {
    play.hidden = still.matches;
    if (still.matches) stop();
  };
  still.addEventListener("change", allowPlay);
  allowPlay();
  slider.hidden = false;
  all.parentElement!.hidden = false;
  showAll();
}

/** One value's panels at a time; without a script all of them stand one below another. */
function followChoice(choice: HTMLFieldSetElement): void {
  const groups = document.getElementById(choice.dataset.figure!)!.querySelectorAll<HTMLElement>("[data-choice]");
  const show = () => {
    const value = choice.querySelector<HTMLInputElement>(":checked")!.value;
    for (const group of groups) group.hidden = group.dataset.choice !== value;
  };
  choice.addEventListener("change", show);
  choice.hidden = false;
  show();
}

function copies(button: HTMLButtonElement): void {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy!);
    button.textContent = "Copied";
    setTimeout(() => button.textContent = "Copy", 2000);
  });
}
