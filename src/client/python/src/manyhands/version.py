"""The version of the package, which is the version of the service. The build checks that."""

VERSION = "0.1.0.dev0"
