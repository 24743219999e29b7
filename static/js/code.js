// The square on the letter home holds the code behind a #, where no server and no log sees it. Here it goes into the form,
// and out of the address. Without this script it is typed.

const code = document.getElementById('code');
const sent = decodeURIComponent(location.hash.slice(1));
if (code && /^[\w-]{4,20}$/.test(sent) && !code.value) {
  code.value = sent;
  history.replaceState(null, '', location.pathname);
  code.form.querySelector('button').focus();
}
