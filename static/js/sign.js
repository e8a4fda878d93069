/* Signing with a passkey: the form's own button asks the key, then sends the form with its answer.
   What the key signs (#passkey-options) is the digest of the terms shown. Without this script, or
   without a key, the password and the code sign. */
(function () {
  "use strict";

  var form = document.getElementById("gesture");
  var options = document.getElementById("passkey-options");
  var group = document.getElementById("by-passkey");
  var error = document.getElementById("passkey-error");
  if (!form || !options || !group || !window.PublicKeyCredential) {
    return;
  }

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (character) {
      return character.charCodeAt(0);
    });
  }

  function text(buffer) {
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function asked() {
    var publicKey = JSON.parse(options.textContent).publicKey;
    publicKey.challenge = bytes(publicKey.challenge);
    publicKey.allowCredentials = (publicKey.allowCredentials || []).map(function (key) {
      return { type: key.type, id: bytes(key.id) };
    });
    return { publicKey: publicKey };
  }

  function answered(credential) {
    var told = credential.response;
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      clientExtensionResults: {},
      response: {
        clientDataJSON: text(told.clientDataJSON),
        authenticatorData: text(told.authenticatorData),
        signature: text(told.signature),
        userHandle: told.userHandle ? text(told.userHandle) : null,
      },
    });
  }

  function send(credential, submitter) {
    form.elements.credential.value = answered(credential);
    if (submitter.name) {
      var chosen = document.createElement("input");
      chosen.type = "hidden";
      chosen.name = submitter.name;
      chosen.value = submitter.value;
      form.append(chosen);
    }
    form.submit();
  }

  function wait(busy) {
    group.querySelectorAll("button").forEach(function (button) {
      button.toggleAttribute("disabled", busy);
    });
  }

  form.addEventListener("submit", function (event) {
    var submitter = event.submitter;
    if (!submitter || !submitter.hasAttribute("data-passkey-sign")) {
      return;
    }
    if (!form.elements.declared.checked) {
      return; // the server says what is missing
    }
    event.preventDefault();
    error.hidden = true;
    wait(true);
    navigator.credentials
      .get(asked())
      .then(function (credential) {
        send(credential, submitter);
      })
      .catch(function () {
        wait(false);
        error.hidden = false;
        error.scrollIntoView({ block: "center" });
      });
  });
  group.hidden = false;
})();
