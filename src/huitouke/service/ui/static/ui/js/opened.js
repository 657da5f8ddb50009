// Dialogs: opened by their buttons where the browser does not do it by itself, and by the
// server with data-open; a click beside a dialog closes it.
(() => {
  const native = "commandForElement" in HTMLButtonElement.prototype;

  const openMarked = (root) => {
    for (const dialog of root.querySelectorAll("dialog[data-open]")) {
      dialog.removeAttribute("data-open");
      dialog.showModal();
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[commandfor]");
    if (button && !native) {
      const dialog = document.getElementById(button.getAttribute("commandfor"));
      if (button.getAttribute("command") === "show-modal") dialog.showModal();
      else dialog.close();
    }
    if (event.target.matches("dialog[open]") && !("closedBy" in HTMLDialogElement.prototype)) {
      const box = event.target.getBoundingClientRect();
      const beside = event.clientX < box.left || event.clientX > box.right
        || event.clientY < box.top || event.clientY > box.bottom;
      if (beside) event.target.close();
    }
  });
  document.body.addEventListener("htmx:afterSettle", (event) => openMarked(event.detail.elt));
  openMarked(document);
})();
