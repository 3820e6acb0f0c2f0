"use strict";
/* The page without a server: the questions are in the file, the answers in this browser. */
const offline = (() => {
  const content = JSON.parse(document.getElementById("content").textContent);
  const key = `bayessel ${content.set}`;
  let answers = [];
  try {
    answers = JSON.parse(localStorage.getItem(key)) || [];
  } catch { /* this browser keeps nothing for files: the saved file is what counts */ }

  const keep = () => {
    try { localStorage.setItem(key, JSON.stringify(answers)); } catch { /* as above */ }
  };
  const next = (problem = "") => {
    const answered = new Set(answers.map((one) => one.id));
    const open = content.questions.find((one) => !answered.has(one.id));
    return {
      state: open ? "open" : "done", id: open ? open.id : "", html: open ? open.html : "", screen: "", cards: [], problem,
      progress: { mine: answers.length, all: answers.length, of: content.questions.length },
    };
  };
  const reply = (address, body) => {
    if (address === "/answer") {
      const open = next();
      if (body.id !== open.id) return next("this question was answered before");
      answers.push(body);
      keep();
      return next();
    }
    if (address === "/undo") {
      const taken = answers.pop();
      keep();
      return next(taken ? "" : "there is nothing to take back");
    }
    if (address.startsWith("/diff/")) {
      return { sides: content.questions.find((one) => one.id === address.slice(6)).sides };
    }
    return next();
  };
  const save = () => {
    const { kind, version, annotator, set } = content;
    const text = JSON.stringify({ kind, version, annotator, set, answers }, null, 1);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `answers-${set}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  document.getElementById("save").addEventListener("click", save);
  return { reply };
})();
