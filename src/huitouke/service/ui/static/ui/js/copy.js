// A button with data-copies="id" puts the text of that element into the clipboard; where the
// browser does not let it, the text is marked, to be copied by hand. data-said is announced.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(text.textContent.trim());
    document.body.dispatchEvent(
      new CustomEvent("toast", { detail: { said: button.dataset.said, tone: "good" } }),
    );
  } catch {
    getSelection().selectAllChildren(text);
  }
});
