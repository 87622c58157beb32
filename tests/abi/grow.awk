# Makes the header of a contract 1.2 that exists for tests only: each struct that may grow gets one more member at its end.
# sluice_component is only the start of the four kinds, so it is they that grow; sluice_option grows by the table's stride.
/^#define SLUICE_ABI_MINOR 1/ { sub(/1$/, "2") }
/^struct sluice_[a-z]+ \{/ { name = $2; grows = name == "sluice_option" }
name != "" && /uint32_t struct_size/ { grows = name != "sluice_component" }
name != "" && /^\}/ {
  if (grows) { print "  const char *added;"; count++ }
  name = ""
}
name != "" && /\};[^}]*$/ { name = "" } # a struct on one line
{ print }
END { if (FILENAME ~ /plugin.h/ && count != 15) exit 1 }
