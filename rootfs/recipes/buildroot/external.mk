include $(sort $(wildcard $(BR2_EXTERNAL_DIALTONE_PATH)/package/*/*.mk))
