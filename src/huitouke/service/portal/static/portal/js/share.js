// "Share" opens the phone's own sheet; where there is none it copies the link.
(() => {
  const able = () => navigator.share || navigator.clipboard;
  for (const button of document.querySelectorAll("[data-share]")) {
    if (!able()) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const { share: url, shareText: text } = button.dataset;
      try {
        if (navigator.share) await navigator.share({ text, url });
        else await navigator.clipboard.writeText(url);
      } catch (error) {
        if (error.name !== "AbortError") document.getElementById("id_link").select();
      }
    });
  }
})();
