// A page of one form: ask, send once, and say what came of it.
import { Problem } from "./api.js";
import { $, control, h, isWorking, working } from "./dom.js";
import { clear, corrected, faultsIn, problemNotice, show, wrong } from "./form.js";

/** Say something in place of the page, with the focus at its head. @param {...Child} children */
export function say(...children) {
  $("page").replaceChildren(h("div", { class: "card stack" }, ...children));
  toHead();
}

function toHead() {
  const head = document.querySelector("h1");
  head?.setAttribute("tabindex", "-1");
  head?.focus();
}

/** @param {Question} question */
export function ask({ before, fields = [], button, send, done, refused }) {
  const press = h("button", { class: "button" }, button);
  const notice = h("div", { id: "notice", class: "note bad", role: "alert", tabindex: "-1", hidden: true });
  const form = h("form", { novalidate: true, class: "stack", input: corrected }, ...fields, notice, press);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isWorking(press)) return;
    clear(form);
    const faults = faultsIn(form);
    if (faults.length) return show(form, faults);
    working(press, true);
    const typed = [...new FormData(form)].map(([name, value]) => [name, String(value).trim()]);
    try {
      say(...done(await send(Object.fromEntries(typed.filter(([, value]) => value)))));
    } catch (error) {
      working(press, false);
      const problem = error instanceof Problem ? error : new Problem(0);
      const wrongs = problem.errors.map(({ field }) => control(form, field)).filter((one) => one !== undefined);
      if (refused?.(problem)) return toHead();
      if (wrongs.length) show(form, wrongs.map((one) => ({ name: one.name, text: wrong(one) })));
      else problemNotice(problem);
    }
  });
  $("page").replaceChildren(h("div", { class: "card stack" }, ...before, form));
}
