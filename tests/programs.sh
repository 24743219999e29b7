#!/usr/bin/env bash
# The browser, the servers and the tools that the tests drive. Installed where we may; else one line says what to type.
set -eu
packages=()
command -v chromium >/dev/null || packages+=(chromium)
command -v chromium-headless-shell >/dev/null || packages+=(chromium-headless-shell)
command -v exiftool >/dev/null || packages+=(libimage-exiftool-perl)
command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || packages+=(postgresql)
command -v redis-server >/dev/null || packages+=(redis-server)
command -v sshd >/dev/null || [ -x /usr/sbin/sshd ] || packages+=(openssh-server)
command -v age >/dev/null || packages+=(age)
command -v nginx >/dev/null || packages+=(nginx-light)
[ -e /usr/lib/nginx/modules/ngx_http_brotli_static_module.so ] || packages+=(libnginx-mod-http-brotli-static)
command -v w3m >/dev/null || packages+=(w3m)
[ ${#packages[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null && exit 0
fi
echo "The tests need: sudo apt-get install ${packages[*]}" >&2
exit 1
