/* Comforts added when scripts run; every page works without them. */
(function () {
  "use strict";

  /* A form that was sent once is not sent twice; the button says that work is under way. */
  function submitOnce(event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-resubmit")) {
      return;
    }
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      return;
    }
    form.setAttribute("data-sent", "");
    if (event.submitter) {
      event.submitter.setAttribute("aria-disabled", "true");
      event.submitter.setAttribute("aria-busy", "true");
    }
  }

  /* A page brought back by « Précédent » may send again. */
  function allowAgain() {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      form.removeAttribute("data-sent");
      form.querySelectorAll("[aria-busy]").forEach(function (button) {
        button.removeAttribute("aria-disabled");
        button.removeAttribute("aria-busy");
      });
    });
  }

  function openMenus() {
    return document.querySelectorAll("details.menu[open]");
  }

  /* Escape closes a header menu and gives focus back to its label. */
  function closeOnEscape(event) {
    if (event.key !== "Escape") {
      return;
    }
    openMenus().forEach(function (menu) {
      var inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) {
        menu.querySelector("summary").focus();
      }
    });
  }

  function closeOutside(event) {
    openMenus().forEach(function (menu) {
      if (!menu.contains(event.target)) {
        menu.open = false;
      }
    });
  }

  /* The error summary takes focus, then each of its links takes the reader into the field. */
  function focusSummary(root) {
    var summary = root.querySelector(".error-summary");
    if (summary) {
      summary.focus();
    }
  }

  function followSummary(event) {
    var link = event.target.closest(".error-summary a[href^='#']");
    var target = link && document.getElementById(link.hash.slice(1));
    if (!target) {
      return;
    }
    var field = target.matches("input, select, textarea")
      ? target
      : target.querySelector("input, select, textarea");
    if (field) {
      event.preventDefault();
      field.focus({ preventScroll: true });
      (field.closest(".field") || field).scrollIntoView({ block: "start" });
    }
  }

  document.addEventListener("submit", submitOnce);
  document.addEventListener("keydown", closeOnEscape);
  document.addEventListener("click", closeOutside);
  document.addEventListener("click", followSummary);
  document.addEventListener("focusin", closeOutside);
  document.addEventListener("htmx:afterSwap", function (event) {
    focusSummary(event.target);
  });
  window.addEventListener("pageshow", allowAgain);
  focusSummary(document);
})();
