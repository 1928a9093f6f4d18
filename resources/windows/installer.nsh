; Added to electron-builder's own installer script: "Send to > Replug" in the Explorer's menu of any file.
; The shortcut is a file of the user's own SendTo folder; the Explorer appends the chosen paths to its target.
!macro customInstall
  CreateShortCut "$SENDTO\Replug.lnk" "$INSTDIR\${APP_EXECUTABLE_FILENAME}" "" "$INSTDIR\${APP_EXECUTABLE_FILENAME}" 0 SW_SHOWNORMAL "" "Send to phone"
!macroend

!macro customUnInstall
  ${ifNot} ${isUpdated}
    Delete "$SENDTO\Replug.lnk"
  ${endIf}
!macroend
