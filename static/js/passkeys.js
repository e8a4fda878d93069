/* Passkeys: tells allauth's script which button, field and options belong together.
   A button carries data-passkey (login, add, authenticate), data-credential (the hidden field)
   and, to add a key, data-passwordless (the check box); options come from #js_data. */
(function () {
  "use strict";

  var forms = window.allauth && window.allauth.webauthn && window.allauth.webauthn.forms;
  var error = document.getElementById("passkey-error");
  if (!forms || !window.PublicKeyCredential) {
    return;
  }
  document.addEventListener("allauth.error", function (event) {
    event.preventDefault();
    if (error) {
      error.hidden = false;
    }
  });
  document.querySelectorAll("button[data-passkey]").forEach(function (button) {
    var kind = button.dataset.passkey;
    var ids = { credential: button.dataset.credential, data: "js_data" };
    ids[kind] = button.id;
    if (button.dataset.passwordless) {
      ids.passwordless = button.dataset.passwordless;
    }
    forms[kind + "Form"]({ ids: ids });
    button.addEventListener("click", function () {
      if (error) {
        error.hidden = true;
      }
    });
    button.hidden = false;
  });
})();
