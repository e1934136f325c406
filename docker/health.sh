#!/bin/bash
# Exits with 0 if the service is alive. Uses bash alone for the connection, which the image has anyway.
exec 3<>"/dev/tcp/${SERVER_ADDRESS:-127.0.0.1}/${SERVER_PORT:-8080}" || exit 1
printf 'GET /actuator/health/liveness HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3
read -r status <&3 && [[ $status == "HTTP/1.1 200"* ]]
