@echo off
rem Runs the Maven that this project is built with: downloaded once from the Apache project's own site, or, where
rem that cannot be reached, an installed mvn.
setlocal EnableDelayedExpansion
for /f "usebackq tokens=1,2 delims==" %%a in ("%~dp0.mvn\wrapper\maven-wrapper.properties") do set "%%a=%%b"
if defined MVNW_SITE set "mavenSite=%MVNW_SITE%"
set "dists=%USERPROFILE%\.m2\wrapper\dists"
set "mvn=%dists%\apache-maven-%mavenVersion%\bin\mvn.cmd"
if not exist "%mvn%" (
  powershell -NoProfile -Command "$ErrorActionPreference='Stop'; $name='apache-maven-%mavenVersion%-bin.zip'; $url='%mavenSite%/maven/maven-3/%mavenVersion%/binaries/'+$name; New-Item -ItemType Directory -Force '%dists%' | Out-Null; $zip=Join-Path '%dists%' $name; Invoke-WebRequest -UseBasicParsing $url -OutFile $zip; $sum=[string](Invoke-WebRequest -UseBasicParsing ($url+'.sha512')).Content; if ((Get-FileHash -Algorithm SHA512 $zip).Hash -ne $sum.Trim().Split(' ')[0]) { Remove-Item $zip; throw 'wrong checksum' }; Expand-Archive $zip '%dists%'; Remove-Item $zip" 2>nul
)
if not exist "%mvn%" (
  where mvn >nul 2>nul
  if errorlevel 1 (
    echo mvnw: Maven %mavenVersion% cannot be had from %mavenSite%, and no mvn 3.8 or later is installed: install Maven, or connect 1>&2
    exit /b 1
  )
  echo mvnw: Maven %mavenVersion% cannot be had from %mavenSite%; using the installed mvn 1>&2
  set "mvn=mvn"
)
call "%mvn%" %*
exit /b %ERRORLEVEL%
